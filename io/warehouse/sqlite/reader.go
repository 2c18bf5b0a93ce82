package sqlite

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

	"adtoorder/io/table"
	"adtoorder/io/warehouse"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// reader reads a file which may come, go and be replaced at any time. It is opened for
// each read alone: as long as somebody has a file open its writer can't fold the
// write-ahead log into it, and who then removes the file without its log would find the
// old rows in the next one.
type reader struct {
	Warehouse
	tables []table.Table
}

// Reader implements warehouse.Warehouse.
func (w Warehouse) Reader(tables []table.Table) warehouse.Reader { return reader{w, tables} }

// readTimeout is how long a read waits for a lock. Readers of a write-ahead log wait
// only while it is being set up or repaired.
const readTimeout = time.Second

// settled is how long after a write a file's time tells it from the next one.
const settled = 50 * time.Millisecond

// Version implements warehouse.Reader by the times and sizes of the file and its log.
func (r reader) Version(context.Context) (version string, err error) {
	for _, path := range []string{r.Path, r.Path + "-wal"} {
		file, err := os.Stat(path)
		switch {
		case err == nil:
			version += fmt.Sprint(file.Sys().(*syscall.Stat_t).Ino, " ", file.Size(), " ",
				file.ModTime().UnixNano(), " ", time.Since(file.ModTime()) < settled, "\n")
		case path == r.Path || !os.IsNotExist(err):
			return "", r.explain(err)
		}
	}
	return version, nil
}

// Read implements warehouse.Reader in a transaction, which sees the file as it was at
// its first read.
func (r reader) Read(ctx context.Context, do func(warehouse.Snapshot) error) error {
	return r.explain(r.read(ctx, do))
}

func (r reader) read(ctx context.Context, do func(warehouse.Snapshot) error) error {
	if _, err := os.Stat(r.Path); err != nil {
		return err
	}
	db, err := r.connect(url.Values{"mode": {"ro"}}, readTimeout, "query_only(1)")
	if err != nil {
		return err
	}
	defer db.Close() // nothing was written
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, t := range append(r.tables, table.Of[originRow]("origin", "")) {
		if err := checkColumns(ctx, tx, t); err != nil {
			return err
		}
	}
	return do(snapshot{r.Path, tx})
}

type originRow struct {
	Origin string `parquet:"origin"`
}

// errSchema says that a table lacks what is needed.
var errSchema = errors.New("a table or a column is missing")

// checkColumns finds tables of an older version. What they have of derived columns is
// not read.
func checkColumns(ctx context.Context, tx *sql.Tx, t table.Table) error {
	query := "SELECT " + strings.Join(table.Names(table.Stored(t.Columns)), ", ") + " FROM " + t.Name + " LIMIT 0"
	err := queryRows(ctx, tx, query, nil, nil)
	var failed *sqlite.Error
	if errors.As(err, &failed) && failed.Code() == sqlite3.SQLITE_ERROR {
		return fmt.Errorf("%w: %w", errSchema, err)
	}
	return err
}

// explain makes a Problem of an error that somebody can do something about.
func (r reader) explain(err error) error {
	var failed *sqlite.Error
	errors.As(err, &failed)
	code := 0 // without what SQLite adds to it
	if failed != nil {
		code = failed.Code() & 0xff
	}
	problem := func(do, what string, args ...any) error {
		return &warehouse.Problem{What: fmt.Sprintf(what, args...), Do: do, Empty: do == ""}
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, os.ErrNotExist):
		return problem("", "There is no warehouse at %s yet.", r.Path)
	case errors.Is(err, errSchema) && r.blank():
		return problem("", "The warehouse at %s is empty.", r.Path)
	case errors.Is(err, errSchema):
		return problem("Run this version's engine into it, which adds what is missing, or into a new file, "+
			"if an older version has made its tables.",
			"The warehouse at %s has another schema than this program reads: %v.", r.Path, err)
	case code == sqlite3.SQLITE_BUSY || code == sqlite3.SQLITE_LOCKED:
		return problem("End what holds it, such as a SQLite shell with an open transaction. Reading goes on by itself.",
			"Another program has locked the warehouse at %s.", r.Path)
	case code == sqlite3.SQLITE_NOTADB:
		return problem("Give the file that the engine writes: --warehouse=sqlite:FILE.", "%s is no SQLite database.",
			r.Path)
	case failed != nil || errors.Is(err, os.ErrPermission):
		return problem("See that this user may read the file and, while the engine writes, its folder.",
			"The warehouse at %s can't be read: %s.", r.Path, strings.TrimSuffix(err.Error(), "."))
	}
	return err
}

// blank reports whether the file has nothing in it.
func (r reader) blank() bool {
	file, err := os.Stat(r.Path)
	return err == nil && file.Size() == 0
}

// snapshot is a transaction on the file.
type snapshot struct {
	path string
	tx   *sql.Tx
}

// Query implements warehouse.Snapshot.
func (s snapshot) Query(
	ctx context.Context, doing, query string, args []any, each func(warehouse.Row) error,
) error {
	if err := queryRows(ctx, s.tx, query, args, each); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// Origin implements warehouse.Snapshot.
func (s snapshot) Origin(ctx context.Context) (table.Origin, error) { return origin(ctx, s) }

// Written implements warehouse.Snapshot: when the file or its log was written last. An
// empty log is one that a reader has made.
func (s snapshot) Written(context.Context) (at time.Time, err error) {
	for _, path := range []string{s.path, s.path + "-wal"} {
		if file, err := os.Stat(path); err == nil && file.Size() > 0 && file.ModTime().After(at) {
			at = file.ModTime().UTC()
		}
	}
	return at, nil
}
