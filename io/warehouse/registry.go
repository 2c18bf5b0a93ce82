package warehouse

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"sync"
)

// Backend is a kind of warehouse.
type Backend struct {
	Scheme string // of its URIs, without the colon
	Usage  string // what its URIs look like, such as sqlite:FILE
	// Open returns the warehouse of a URI that has the scheme. Nothing is opened yet.
	Open func(uri string) (Warehouse, error)
}

var (
	backends     []Backend
	backendsLock sync.Mutex
)

// RegisterBackend makes a kind of warehouse known to Open. It is called in an init; the
// program imports the backend's package for it.
func RegisterBackend(b Backend) {
	backendsLock.Lock()
	defer backendsLock.Unlock()
	backends = append(backends, b)
	slices.SortFunc(backends, func(a, b Backend) int {
		return cmp.Or(cmp.Compare(len(a.Usage), len(b.Usage)), strings.Compare(a.Usage, b.Usage)) // simple ones first
	})
}

// Open returns the warehouse of a URI, such as sqlite:FILE. Nothing is opened yet.
func Open(uri string) (Warehouse, error) {
	backendsLock.Lock()
	defer backendsLock.Unlock()
	scheme, rest, _ := strings.Cut(uri, ":")
	var usages []string
	for _, b := range backends {
		if b.Scheme == scheme && rest != "" {
			return b.Open(uri)
		}
		usages = append(usages, b.Usage)
	}
	return nil, errors.New("must be " + strings.Join(usages, " or "))
}
