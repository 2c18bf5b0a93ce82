package main

import (
	"fmt"
	"io/fs"
	"path/filepath"
)

// output is what a run has written.
type output struct {
	files  int   // of the lake
	lake   int64 // bytes
	tables int64 // bytes of the warehouse's files
}

// outputOf counts what is in the folder of a lake, and in that of a warehouse's
// files, "" where there is none.
func outputOf(lake, warehouse string) (o output, err error) {
	if o.files, o.lake, err = count(lake); err != nil || warehouse == "" {
		return o, err
	}
	_, o.tables, err = count(warehouse)
	return o, err
}

// count counts the files in a folder and below it, and their bytes.
func count(dir string) (files int, bytes int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		files++
		bytes += info.Size()
		return nil
	})
	if err != nil {
		return 0, 0, fmt.Errorf("counting the files that a run has written: %w", err)
	}
	return files, bytes, nil
}
