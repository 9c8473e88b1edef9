import signal, time
signal.signal(signal.SIGALRM, lambda *_: print('alarm'))
signal.setitimer(signal.ITIMER_REAL, 0.05)
signal.pause()
signal.alarm(1)
signal.signal(signal.SIGALRM, signal.SIG_DFL)
print('waiting', flush=True)
time.sleep(10)
