package query

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// database is a SQLite file, which may come, go and be replaced at any time. It is
// opened for each read alone: as long as somebody has a file open its writer can't
// fold the write-ahead log into it, and who then removes the file without its log
// would find the old rows in the next one.
type database struct{ path string }

// busyTimeout is how long a read waits for a lock, in ms. Readers of a write-ahead
// log wait only while it is being set up or repaired.
const busyTimeout = 1000

// needed are columns without which a warehouse is one of an older version.
var needed = map[string]string{
	"conversions": "window_start, window_end, promotion, clicks, late_clicks, orders, late_orders, order_lines, units, revenue_micros",
	"ledger":      "window_start, stream, outcome, reason, promotion, records",
	"progress":    "stream, partition, watermark, updated_at",
	"origin":      "origin",
}

// settled is how long after a write a file's time tells it from the next one.
const settled = 50 * time.Millisecond

// Version implements Warehouse by the times and sizes of the file and its log.
func (d *database) Version(context.Context) (version string, err error) {
	for _, path := range []string{d.path, d.path + "-wal"} {
		file, err := os.Stat(path)
		switch {
		case err == nil:
			version += fmt.Sprint(file.Sys().(*syscall.Stat_t).Ino, " ", file.Size(), " ", file.ModTime().UnixNano(), " ", time.Since(file.ModTime()) < settled, "\n")
		case path == d.path || !os.IsNotExist(err):
			return "", d.explain(err)
		}
	}
	return version, nil
}

// read runs a function in a transaction, which sees the file as it was at its
// first read.
func (d *database) read(ctx context.Context, do func(*sql.Tx) error) error {
	return d.explain(d.transact(ctx, do))
}

func (d *database) transact(ctx context.Context, do func(*sql.Tx) error) error {
	if _, err := os.Stat(d.path); err != nil {
		return err
	}
	options := url.Values{"mode": {"ro"}, "_pragma": {fmt.Sprintf("busy_timeout(%d)", busyTimeout), "query_only(1)"}}
	dsn := url.URL{Scheme: "file", OmitHost: true, Path: d.path, RawQuery: options.Encode()}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return err
	}
	defer db.Close() // nothing was written
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := checkSchema(ctx, tx); err != nil {
		return err
	}
	return do(tx)
}

// errSchema says that a table lacks what is needed.
var errSchema = errors.New("a table or a column is missing")

func checkSchema(ctx context.Context, tx *sql.Tx) error {
	for name, columns := range needed {
		rows, err := tx.QueryContext(ctx, "SELECT "+columns+" FROM "+name+" LIMIT 0")
		var failed *sqlite.Error
		if errors.As(err, &failed) && failed.Code() == sqlite3.SQLITE_ERROR {
			return fmt.Errorf("%w: %w", errSchema, err)
		}
		if err != nil {
			return err
		}
		if err := rows.Close(); err != nil {
			return err
		}
	}
	return nil
}

// explain turns an error into a *Problem, if it is one of those that people can
// do something about.
func (d *database) explain(err error) error {
	var failed *sqlite.Error
	errors.As(err, &failed)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, os.ErrNotExist):
		return &Problem{fmt.Sprintf("There is no warehouse at %s yet.", d.path),
			fmt.Sprintf("Run the engine: go run ./pipelines/conversions --warehouse=sqlite:%s. This page shows its rows as they come.", d.path)}
	case errors.Is(err, errSchema) && d.blank():
		return &Problem{fmt.Sprintf("The warehouse at %s is empty.", d.path),
			fmt.Sprintf("Run the engine: go run ./pipelines/conversions --warehouse=sqlite:%s. This page shows its rows as they come.", d.path)}
	case errors.Is(err, errSchema):
		return &Problem{fmt.Sprintf("The warehouse at %s has another schema than this page reads: %v.", d.path, err),
			"Run this version's engine into it, which adds what is missing, or into a new file, if an older version has made its tables."}
	case failed != nil && (failed.Code()&0xff == sqlite3.SQLITE_BUSY || failed.Code()&0xff == sqlite3.SQLITE_LOCKED):
		return &Problem{fmt.Sprintf("Another program has locked the warehouse at %s.", d.path),
			"End what holds it, such as a SQLite shell with an open transaction. This page goes on by itself."}
	case failed != nil && failed.Code()&0xff == sqlite3.SQLITE_NOTADB:
		return &Problem{fmt.Sprintf("%s is no SQLite database.", d.path), "Give the file that the engine writes: --warehouse=sqlite:FILE."}
	case failed != nil || errors.Is(err, os.ErrPermission):
		return &Problem{fmt.Sprintf("The warehouse at %s can't be read: %s.", d.path, strings.TrimSuffix(err.Error(), ".")),
			"See that this user may read the file and, while the engine writes, its folder."}
	}
	return err
}

// blank tells whether the file has nothing in it.
func (d *database) blank() bool {
	file, err := os.Stat(d.path)
	return err == nil && file.Size() == 0
}
