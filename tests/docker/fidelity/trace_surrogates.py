raise ValueError("\udc80 alone")
