import threading
threading._shutdown()
import json
print('end', json.dumps(threading.active_count()))
