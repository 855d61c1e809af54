"""The tables of `library.db`."""

FORMAT_VERSION = 4
"""Format 1 had no index of every turn's words, 2 no sites and 3 no seals: `index.upgrades` brings them up to date."""

TABLES = """
CREATE TABLE manifest (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE episodes (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL UNIQUE,
    sha256 TEXT NOT NULL,              -- of the bytes that were read
    title TEXT, show TEXT, number TEXT, date TEXT, page_url TEXT, audio_url TEXT,
    audio_file TEXT,                   -- a local recording, served with Range
    speakers TEXT NOT NULL,            -- JSON list, in order of appearance
    words INTEGER NOT NULL,
    duration_s REAL,                   -- the last time known in it
    added_at TEXT NOT NULL
);

CREATE TABLE turns (
    episode INTEGER NOT NULL REFERENCES episodes ON DELETE CASCADE,
    turn INTEGER NOT NULL,
    speaker TEXT,
    text TEXT NOT NULL,
    marks TEXT NOT NULL,               -- JSON list of [character offset, seconds]
    PRIMARY KEY (episode, turn)
) WITHOUT ROWID;

CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    episode INTEGER NOT NULL REFERENCES episodes ON DELETE CASCADE,
    lines TEXT NOT NULL,               -- JSON list of [turn, start, end]
    embedding TEXT NOT NULL REFERENCES embeddings
);
CREATE INDEX passages_of_episode ON passages (episode);
CREATE INDEX passages_of_embedding ON passages (embedding);

CREATE TABLE speaking (
    passage INTEGER NOT NULL REFERENCES passages ON DELETE CASCADE,
    speaker TEXT NOT NULL,
    PRIMARY KEY (speaker, passage)
) WITHOUT ROWID;
CREATE INDEX speaking_in_passage ON speaking (passage);

CREATE TABLE embeddings (
    hash TEXT PRIMARY KEY,             -- of the embedded text, so that equal texts are encoded once
    vector BLOB NOT NULL,              -- float32[d], unit length
    lines BLOB NOT NULL                -- float16[lines, d], unit length
);

CREATE VIRTUAL TABLE passages_fts USING fts5 (title, text, tokenize = 'porter unicode61 remove_diacritics 2');

CREATE TABLE feedback (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    question TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('like', 'dislike')),
    answer TEXT NOT NULL               -- JSON, as `ask --json` prints it
);
"""

SEALS = """
CREATE TABLE seals (
    episode INTEGER PRIMARY KEY REFERENCES episodes ON DELETE CASCADE,
    sha256 TEXT NOT NULL               -- of all that is quoted of it: `index.seals`
);
"""

SITE_TABLES = """
CREATE TABLE sites (
    name TEXT PRIMARY KEY,
    origins TEXT NOT NULL,             -- JSON list
    episodes TEXT NOT NULL,            -- JSON list of ids; empty for all
    label TEXT, color TEXT, greeting TEXT, disclaimer TEXT,
    questions_per_minute INTEGER NOT NULL,
    questions_per_day INTEGER NOT NULL,
    tokens_per_day INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE spending (
    day TEXT NOT NULL,                 -- of UTC
    site TEXT NOT NULL,                -- its name, or "" for the server's own pages
    questions INTEGER NOT NULL,
    tokens INTEGER NOT NULL,           -- with what is reserved for answers being written
    PRIMARY KEY (day, site)
) WITHOUT ROWID;
"""
