R"sql(
-- Lines of log streams. Groups and their settings are records of the engine; here is only what is many.
CREATE TABLE log_groups (
  id   INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
);
CREATE TABLE streams (
  id        INTEGER PRIMARY KEY,
  log_group INTEGER NOT NULL REFERENCES log_groups ON DELETE CASCADE,
  name      TEXT NOT NULL,
  created   INTEGER NOT NULL,
  first     INTEGER,
  last      INTEGER,
  ingested  INTEGER,
  bytes     INTEGER NOT NULL DEFAULT 0,
  UNIQUE (log_group, name)
);
CREATE TABLE events (
  sequence  INTEGER PRIMARY KEY AUTOINCREMENT,
  log_group INTEGER NOT NULL REFERENCES log_groups ON DELETE CASCADE,
  stream    INTEGER NOT NULL REFERENCES streams ON DELETE CASCADE,
  time      INTEGER NOT NULL,
  ingested  INTEGER NOT NULL,
  message   TEXT NOT NULL
);
CREATE INDEX events_of_stream ON events (stream, time, sequence);
CREATE INDEX events_of_group ON events (log_group, time, sequence);
)sql"
