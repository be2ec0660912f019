"""Shows when the page was asked for, newest first. The times live in the backend, so every replica shows them all."""
import datetime
import os

import flask
import redis

app = flask.Flask(__name__)
times = redis.Redis(host=os.environ.get("BACKEND", "backend"), port=6379, decode_responses=True)


@app.route("/")
def home():
    times.lpush("times", datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds"))
    rows = "".join(f"  <li>{time}</li>\n" for time in times.lrange("times", 0, 9))
    return f"<h1>Last visits</h1>\n<ul>\n{rows}</ul>\n"


@app.route("/health")
def health():
    return "ok\n"


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=5000)
