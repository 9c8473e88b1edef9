import threading, time
def work():
    time.sleep(0.3)
    print('thread done')
threading.Thread(target=work).start()
print('main done')
