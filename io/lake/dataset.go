package lake

import (
	"context"

	"adtoorder/io/storage"
	"adtoorder/io/table"
)

// Dataset is what a lake holds of one kind of rows.
type Dataset struct {
	Name  string      // of its folder
	Table table.Table // which has the same rows
	rows  editor
}

// Of returns the dataset of a type of rows.
func Of[T any](name string, rows table.Table) Dataset {
	return Dataset{name, rows, typed[T]{orderOf[T]()}}
}

// editor changes files of a dataset, whose rows only it knows.
type editor interface {
	// fold merges files into another, which may be there, and removes them.
	fold(ctx context.Context, s *storage.Storage, into file, former []file) error
	// without returns the content of a file without the rows whose time, in a column, a
	// function chooses; nil where no row stays, and a *damage where it can't be read.
	without(f file, content []byte, time string, chosen func(table.Time) bool) ([]byte, error)
}

// typed is the editor of files of T.
type typed[T any] struct{ order }

// without implements editor.
func (t typed[T]) without(f file, content []byte, time string, chosen func(table.Time) bool) ([]byte, error) {
	rows, err := decode[T](f.format, content)
	if err != nil {
		return nil, &damage{f.name, err}
	}
	column, found := table.Named(t.columns, time)
	if !found {
		panic("lake: rows have no column " + time)
	}
	var stay []T
	for i := range rows {
		if !chosen(table.Time(field(column, &rows[i]).Int())) {
			stay = append(stay, rows[i])
		}
	}
	switch len(stay) {
	case 0:
		return nil, nil
	case len(rows):
		return content, nil
	}
	return encode(f.format, stay)
}
