R"sql(
-- Everything the engine must not forget, as documents. `sequence` is the order of first insertion.
CREATE TABLE records (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  kind     TEXT NOT NULL,
  id       TEXT NOT NULL,
  body     TEXT NOT NULL,
  UNIQUE (kind, id)
);
)sql"
