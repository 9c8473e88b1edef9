import os, signal
def handler(number, frame): print('got', signal.Signals(number).name, frame.f_code.co_name)
for number in (signal.SIGUSR1, signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
    signal.signal(number, handler)
    os.kill(os.getpid(), number)
