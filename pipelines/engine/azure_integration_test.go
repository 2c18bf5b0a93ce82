//go:build integration

package engine

import (
	"testing"

	"adtoorder/io/storage/storagetest"
)

func TestInputAndLakeInAzure(t *testing.T) {
	storagetest.ServeAzure(t)
	runsIn(t, "az")
}
