import logging, pprint
logging.warning("logged %d", 1)
logging.basicConfig(level=logging.DEBUG, format="%(name)s:%(levelname)s:%(message)s:%(module)s:%(funcName)s:%(lineno)d", force=True)
logging.debug("again")
logging.getLogger("a.b").error("x", exc_info=False)
pprint.pprint({"a": list(range(40))})
