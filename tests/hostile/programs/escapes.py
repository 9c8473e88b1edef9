# What terminals, browsers, logs and HTTP would take for more than text.
import sys

sys.stdout.write("\x1b]0;title\x07\x1b[2J\u2028\u2029</script><!--\r\nHTTP/1.1 200 OK\r\n\r\n"
                 '{"level":"error","event":"forged_event"}\n\x7f\ufeff\\"')
