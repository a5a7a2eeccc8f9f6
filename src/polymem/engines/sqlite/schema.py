"""The tables of the one file, and the numbered migrations that make them.

A row version of an item has ``rid = partition << 24 | position``: the rows of a partition are contiguous and a scope
filter is a rowid range. Times are INTEGER microseconds since 1970 UTC, NULL where open. Ids are 16-byte BLOBs.

=============  ====================================================================================================
partition      one row per partition: counters, statistics, head of the hash chain
label          names of speakers, agents and runs, numbered per partition
item           every version of every item
episode        the raw message behind an item of kind ``episode``
source         derived item → episode, with the span
terms          forward list of a version: its index terms with counts (truth of the keyword face)
vector         f16 vector of a version (truth of the vector face)
scan           the ranking columns of a version, packed, so that a cold partition loads fast
entity, alias  canonical things and the name keys by which they are found
mention        entity → version
relation       subject–predicate–object with the four times, backed by a version
key_value      details by key, current values only
event          append-only history, hash-chained
idempotency    keys of ``add`` with digest and result
evidence       what else states a fact, with its words and times, so that it can take the fact's place
belief         row → the times that it was believed to have until a system time; only where these changed late
derivation     what is still to be derived: instructions, state, attempts, lease; with its episodes in order
derived        episode → what derived from it last; only where that took a derivation
merge          entity → the entity that it is the same as; rows keep the entity that they were written with
use            item → when it was of use, the last times packed
basis          derived row → the derived items that it rests on (a summary → its facts)
tombstone      what an erasure left: counts and its place in the chain, no content
progress       how far a long task has come, so that it resumes
change         which positions changed at which partition version; trimmed
segment        packed caches: 4,096 vectors at int8 (disposable)
feedback       item and search → whether the hit was of use, and its signals: numbers, no words
learned        tenant → factors on the weights of the signals, by number of the fit
posting        packed caches: where the terms of one bucket occur in a segment, see ``blocks`` (disposable)
document       what is kept of a document beside its chunks: address, title, metadata, what read it
chunk          document → the items that are its parts, in order, with digest, span and pages
withheld       keyed hashes of passages that were forgotten, so that their file does not bring them back
=============  ====================================================================================================
"""

from __future__ import annotations

POSITION_BITS = 24
MAX_POSITIONS = 1 << POSITION_BITS
POSITION_MASK = MAX_POSITIONS - 1
SEGMENT_BITS = 12
SEGMENT_ROWS = 1 << SEGMENT_BITS
BUCKET_BITS = 10
APPLICATION_ID = 0x504D454D  # "PMEM"

_FIRST = """
CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE partition (
    no INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL, kind TEXT NOT NULL, owner TEXT NOT NULL,
    version INTEGER NOT NULL DEFAULT 0,
    next_position INTEGER NOT NULL DEFAULT 0,
    next_entity INTEGER NOT NULL DEFAULT 0,
    next_relation INTEGER NOT NULL DEFAULT 0,
    next_label INTEGER NOT NULL DEFAULT 0,
    n_indexed INTEGER NOT NULL DEFAULT 0,
    n_terms INTEGER NOT NULL DEFAULT 0,
    n_pending INTEGER NOT NULL DEFAULT 0,
    n_packed INTEGER NOT NULL DEFAULT 0,
    n_events INTEGER NOT NULL DEFAULT 0,
    head BLOB NOT NULL DEFAULT x'',
    last_at INTEGER NOT NULL DEFAULT 0,
    owner_entity INTEGER,
    next_expiry INTEGER,
    UNIQUE (tenant, kind, owner)
);

CREATE TABLE label (
    partition INTEGER NOT NULL, name TEXT NOT NULL, no INTEGER NOT NULL, speaks INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (partition, name)
) WITHOUT ROWID;

CREATE TABLE item (
    rid INTEGER PRIMARY KEY,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    text TEXT NOT NULL,
    metadata TEXT NOT NULL,
    importance REAL NOT NULL,
    role TEXT NOT NULL,
    speaker TEXT NOT NULL,
    agent_id TEXT,
    run_id TEXT,
    valid_at INTEGER NOT NULL,
    invalid_at INTEGER,
    created_at INTEGER NOT NULL,
    expired_at INTEGER,
    expires_at INTEGER,
    updated_at INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    superseded_by BLOB,
    n_evidence INTEGER NOT NULL DEFAULT 1,
    flags INTEGER NOT NULL
);
CREATE UNIQUE INDEX item_id ON item (id, version);
CREATE INDEX item_superseded ON item (superseded_by) WHERE superseded_by IS NOT NULL;

-- Found through its item, whose first version has the same rid: a second index on the id would cost a page with every add.
CREATE TABLE episode (
    rid INTEGER PRIMARY KEY,
    id BLOB NOT NULL,
    text TEXT NOT NULL,
    said_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    role TEXT NOT NULL,
    speaker TEXT NOT NULL,
    agent_id TEXT,
    run_id TEXT,
    metadata TEXT NOT NULL,
    message TEXT
);

CREATE TABLE source (
    rid INTEGER NOT NULL, episode INTEGER NOT NULL, start INTEGER NOT NULL, stop INTEGER NOT NULL,
    PRIMARY KEY (rid, episode)
) WITHOUT ROWID;
CREATE INDEX source_episode ON source (episode, rid);

CREATE TABLE terms (rid INTEGER PRIMARY KEY, list BLOB NOT NULL);
CREATE TABLE vector (rid INTEGER PRIMARY KEY, f16 BLOB NOT NULL);
CREATE TABLE scan (rid INTEGER PRIMARY KEY, columns BLOB NOT NULL);

CREATE TABLE entity (
    rid INTEGER PRIMARY KEY, id BLOB NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, created_at INTEGER NOT NULL
);
CREATE TABLE alias (
    partition INTEGER NOT NULL, key TEXT NOT NULL, entity INTEGER NOT NULL, name TEXT NOT NULL, source INTEGER NOT NULL,
    PRIMARY KEY (partition, key, entity)
) WITHOUT ROWID;
CREATE INDEX alias_entity ON alias (partition, entity);

CREATE TABLE mention (
    partition INTEGER NOT NULL, entity INTEGER NOT NULL, position INTEGER NOT NULL,
    PRIMARY KEY (partition, entity, position)
) WITHOUT ROWID;
CREATE INDEX mention_position ON mention (partition, position);

CREATE TABLE relation (
    rid INTEGER PRIMARY KEY,
    partition INTEGER NOT NULL,
    subject INTEGER NOT NULL,
    predicate TEXT NOT NULL,
    object INTEGER NOT NULL,
    slot TEXT NOT NULL,
    positive INTEGER NOT NULL,
    fact INTEGER NOT NULL,
    item BLOB NOT NULL,
    valid_at INTEGER NOT NULL,
    invalid_at INTEGER,
    created_at INTEGER NOT NULL,
    expired_at INTEGER,
    expires_at INTEGER
);
-- What is current is found at once, however much of the same kind was said before.
CREATE INDEX relation_subject ON relation (partition, subject, predicate, expired_at, slot);
CREATE INDEX relation_object ON relation (partition, object);
CREATE INDEX relation_fact ON relation (fact);

CREATE TABLE key_value (
    partition INTEGER NOT NULL, key TEXT NOT NULL, slot TEXT NOT NULL, value TEXT NOT NULL, fact INTEGER NOT NULL,
    PRIMARY KEY (partition, key, slot)
) WITHOUT ROWID;
CREATE INDEX key_value_fact ON key_value (fact);

CREATE TABLE event (
    partition INTEGER NOT NULL, n INTEGER NOT NULL,
    item BLOB NOT NULL, name INTEGER NOT NULL, at INTEGER NOT NULL, actor TEXT NOT NULL, reason TEXT NOT NULL,
    old_version INTEGER NOT NULL, new_version INTEGER NOT NULL,
    salt BLOB, commitment BLOB NOT NULL, link BLOB NOT NULL,
    PRIMARY KEY (partition, n)
) WITHOUT ROWID;
CREATE INDEX event_item ON event (item, partition, n);

CREATE TABLE idempotency (
    partition INTEGER NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL, result TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (partition, key)
) WITHOUT ROWID;

CREATE TABLE change (
    partition INTEGER NOT NULL, version INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    PRIMARY KEY (partition, version, first)
) WITHOUT ROWID;

CREATE TABLE segment (
    partition INTEGER NOT NULL, no INTEGER NOT NULL, scales BLOB NOT NULL, vectors BLOB NOT NULL,
    PRIMARY KEY (partition, no)
);
-- The key is partition, bucket and segment in one number: whole rows stay in the leaves, which WITHOUT ROWID would cut at 1 KB.
CREATE TABLE posting (
    key INTEGER PRIMARY KEY, terms BLOB NOT NULL, starts BLOB NOT NULL, records BLOB NOT NULL
);
"""

OWN_TIMES = (
    (
        "UPDATE relation SET begins_at = valid_at, ends_at = CASE WHEN expired_at IS NULL THEN invalid_at END, said_at = "
        "(SELECT max(e.said_at) FROM source s JOIN episode e ON e.rid = s.episode WHERE s.rid = relation.fact)"
    ),
    "UPDATE relation SET counts_at = CASE WHEN said_at - begins_at <= 2678400000000 THEN said_at ELSE begins_at END",
)
"""Gives relations that do not tell what their facts say themselves the times of their items."""

_SECOND = """
ALTER TABLE item ADD COLUMN derived_by TEXT NOT NULL DEFAULT '';
-- As its fact, so that who walks the graph need not look at the facts.
ALTER TABLE relation ADD COLUMN archived INTEGER NOT NULL DEFAULT 0;
-- Empty for most; what is put away is counted and listed at the cost of what is put away.
CREATE INDEX item_archived ON item (rid) WHERE flags & 32 <> 0;
-- Names whose row was erased are given by no row any more.
UPDATE alias SET source = -2 WHERE source >= 0
    AND NOT EXISTS (SELECT 1 FROM item i WHERE i.rid = (alias.partition << 24) + alias.source);
-- What the fact says itself, while its times say what became of it among those that compete with it.
ALTER TABLE relation ADD COLUMN begins_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE relation ADD COLUMN said_at INTEGER;
ALTER TABLE relation ADD COLUMN ends_at INTEGER;
ALTER TABLE relation ADD COLUMN counts_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE relation ADD COLUMN place INTEGER NOT NULL DEFAULT 0;
-- OWN_TIMES

-- Empty for most: what is still to come when it is told.
CREATE INDEX relation_ahead ON relation (partition, subject, predicate) WHERE begins_at > counts_at;

CREATE TABLE evidence (
    no INTEGER PRIMARY KEY, partition INTEGER NOT NULL, item BLOB NOT NULL,
    episode INTEGER NOT NULL, start INTEGER NOT NULL, stop INTEGER NOT NULL, at INTEGER NOT NULL,
    subject INTEGER NOT NULL, predicate TEXT NOT NULL, slot TEXT NOT NULL, positive INTEGER NOT NULL, object TEXT NOT NULL,
    begins_at INTEGER NOT NULL, said_at INTEGER, ends_at INTEGER, counts_at INTEGER NOT NULL, place INTEGER NOT NULL,
    draft TEXT NOT NULL, vector BLOB,
    -- Whether it comes from the message from which the fact has its words.
    again INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX evidence_item ON evidence (item, counts_at);
CREATE INDEX evidence_episode ON evidence (episode);
CREATE INDEX evidence_subject ON evidence (partition, subject);

CREATE TABLE belief (
    rid INTEGER NOT NULL, until_at INTEGER NOT NULL, valid_at INTEGER NOT NULL, invalid_at INTEGER, expired_at INTEGER,
    PRIMARY KEY (rid, until_at)
) WITHOUT ROWID;

CREATE TABLE derivation (
    no INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    partition INTEGER NOT NULL, agent_id TEXT, run_id TEXT,
    instructions TEXT NOT NULL, reextract INTEGER NOT NULL DEFAULT 0,
    state INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER NOT NULL, lease_until INTEGER, token BLOB,
    created_at INTEGER NOT NULL, problem TEXT NOT NULL DEFAULT '',
    -- The idempotency key of the add that asked for it: what is derived belongs to its result.
    result_key TEXT
);
CREATE INDEX derivation_due ON derivation (state, next_at, no);
CREATE INDEX derivation_partition ON derivation (partition, no);
CREATE TABLE derivation_episode (
    derivation INTEGER NOT NULL, n INTEGER NOT NULL, episode INTEGER NOT NULL,
    PRIMARY KEY (derivation, n)
) WITHOUT ROWID;
CREATE INDEX derivation_episode_rid ON derivation_episode (episode);
CREATE TABLE derived (episode INTEGER PRIMARY KEY, by TEXT NOT NULL);

CREATE TABLE merge (
    partition INTEGER NOT NULL, entity INTEGER NOT NULL, into_entity INTEGER NOT NULL, direct INTEGER NOT NULL,
    at INTEGER NOT NULL, evidence TEXT NOT NULL,
    PRIMARY KEY (partition, entity)
) WITHOUT ROWID;
CREATE INDEX merge_into ON merge (partition, into_entity);

CREATE TABLE use (
    partition INTEGER NOT NULL, item BLOB NOT NULL, n INTEGER NOT NULL, uses BLOB NOT NULL,
    PRIMARY KEY (partition, item)
) WITHOUT ROWID;

CREATE TABLE basis (rid INTEGER NOT NULL, item BLOB NOT NULL, PRIMARY KEY (rid, item)) WITHOUT ROWID;
CREATE INDEX basis_item ON basis (item, rid);

CREATE TABLE tombstone (
    id BLOB PRIMARY KEY, partition INTEGER NOT NULL, at INTEGER NOT NULL,
    first_event INTEGER NOT NULL, last_event INTEGER NOT NULL, n_items INTEGER NOT NULL, counts TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE progress (
    partition INTEGER NOT NULL, task TEXT NOT NULL, state TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (partition, task)
) WITHOUT ROWID;
"""

_THIRD = """
CREATE TABLE feedback (
    partition INTEGER NOT NULL, item BLOB NOT NULL, query BLOB NOT NULL, at INTEGER NOT NULL, useful INTEGER NOT NULL,
    signals TEXT NOT NULL,
    PRIMARY KEY (partition, item, query)
) WITHOUT ROWID;
CREATE INDEX feedback_at ON feedback (partition, at);
CREATE TABLE learned (
    tenant TEXT NOT NULL, no INTEGER NOT NULL, at INTEGER NOT NULL, told TEXT NOT NULL, PRIMARY KEY (tenant, no)
) WITHOUT ROWID;
"""

_FOURTH = """
CREATE TABLE document (
    no INTEGER PRIMARY KEY,
    partition INTEGER NOT NULL, id BLOB NOT NULL, agent_id TEXT, run_id TEXT,
    uri TEXT NOT NULL, folder TEXT NOT NULL, title TEXT NOT NULL, media_type TEXT NOT NULL, digest TEXT NOT NULL,
    form TEXT NOT NULL, metadata TEXT NOT NULL, n_pages INTEGER NOT NULL, n_chars INTEGER NOT NULL,
    n_chunks INTEGER NOT NULL, size INTEGER NOT NULL, modified_at INTEGER, ingested_at INTEGER NOT NULL,
    notes TEXT NOT NULL,
    -- Whether time and storing tell another order of its chunks than its own.
    moved INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX document_id ON document (partition, id);
CREATE INDEX document_uri ON document (partition, uri);
CREATE INDEX document_folder ON document (partition, folder);
CREATE INDEX document_moved ON document (partition) WHERE moved;

-- By the item, since it stays the same while its words are revised.
CREATE TABLE chunk (
    partition INTEGER NOT NULL, document INTEGER NOT NULL, n INTEGER NOT NULL, item BLOB NOT NULL, digest BLOB NOT NULL,
    start INTEGER NOT NULL, stop INTEGER NOT NULL, page INTEGER, last_page INTEGER,
    PRIMARY KEY (partition, document, n)
) WITHOUT ROWID;
CREATE UNIQUE INDEX chunk_item ON chunk (partition, item);
"""

_FIFTH = """
-- JSON: where the pages after the first one begin, [[page, place], …]; empty for most.
ALTER TABLE chunk ADD COLUMN page_starts TEXT NOT NULL DEFAULT '';

-- Hashes of agent and run as well, empty for none: names of sessions are content too.
CREATE TABLE withheld (
    partition INTEGER NOT NULL, salt BLOB NOT NULL, agent BLOB NOT NULL, run BLOB NOT NULL, words BLOB NOT NULL,
    PRIMARY KEY (partition, salt, agent, run, words)
) WITHOUT ROWID;
"""

MIGRATIONS: tuple[str, ...] = (
    _FIRST,
    _SECOND.replace("-- OWN_TIMES\n", "".join(f"{sql};\n" for sql in OWN_TIMES)),
    _THIRD,
    _FOURTH,
    _FIFTH,
)
"""``MIGRATIONS[i]`` takes a file from schema version i to i + 1; never edit one that was released."""

SCHEMA_VERSION = len(MIGRATIONS)
