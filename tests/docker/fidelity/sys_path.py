import os, sys
print(sys.path, os.getcwd(), sys.path_hooks, '/box' in sys.path_importer_cache)
print(sys.meta_path)
