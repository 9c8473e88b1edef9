print("é€😀 ", "\r\n\t\0\x1b[31m", sep="|")
