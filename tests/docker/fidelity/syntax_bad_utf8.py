print("never")
# ÿş
