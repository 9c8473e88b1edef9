# The main thread, its numbers and its state; warm or cold it is the process's own.
import _thread, os, threading, time
main = threading.main_thread()
print(main.native_id == os.getpid() == threading.get_native_id(), main.ident == threading.get_ident())
print(main.name, main.daemon, main.is_alive(), threading.active_count(), threading.enumerate() == [main])
def work():
    main.join(0.01)
    print(main.is_alive(), threading.current_thread().native_id != main.native_id, _thread._count())
thread = threading.Thread(target=work, name="worker")
thread.start()
thread.join()
print(thread.is_alive(), thread.name)
def wait():
    main.join()
    print("main has ended", main.is_alive())
threading.Thread(target=wait).start()
