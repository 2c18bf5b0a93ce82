package files

import (
	"os"
	"strings"

	"adtoorder/io/storage"
)

// folderPattern returns the pattern of the files of a folder, where a value names one: a
// local directory, or what ends with a slash in a bucket.
func folderPattern(value string) (pattern string, ok bool) {
	if !storage.IsLocal(value) {
		return value + "*", strings.HasSuffix(value, "/")
	}
	info, err := os.Stat(value)
	if err != nil || !info.IsDir() {
		return "", false
	}
	return storage.Quote(strings.TrimSuffix(value, "/")) + "/*", true
}

// Hidden reports whether a path below a folder holds a name that is never read there: of a
// file that is still being written, or of none with data.
func Hidden(path string) bool {
	for name := range strings.SplitSeq(path, "/") {
		if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") ||
			strings.HasSuffix(name, ".tmp") || strings.HasSuffix(name, ".part") {
			return true
		}
	}
	return false
}
