with open('/box/broken.py', 'w') as f: f.write('x = = 1\n')
import broken
