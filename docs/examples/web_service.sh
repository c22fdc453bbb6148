# Start a web service in a session, and call it from another command of the same session.
set -eu
# In the root of a clone, this finds ./onmemos.
PATH="$PATH:$PWD"

session=$(onmemos sessions create --user ada --ttl 15m --quiet)
trap 'onmemos sessions rm --quiet "$session"' EXIT

onmemos exec "$session" -- 'mkdir site && echo "<h1>hello</h1>" > site/index.html'
onmemos exec --detach "$session" -- python3 -m http.server 8000 --bind 127.0.0.1 --directory site > /dev/null

# The service needs a moment to listen.
onmemos exec "$session" -- python3 -c '
import time, urllib.request
for attempt in range(100):
    try:
        print(urllib.request.urlopen("http://127.0.0.1:8000/").read().decode().strip())
        break
    except OSError:
        time.sleep(0.1)
'
# -> <h1>hello</h1>
