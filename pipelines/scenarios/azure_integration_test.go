//go:build integration

package scenarios

import (
	"testing"

	"adtoorder/io/storage/storagetest"
)

func TestInputAndLakeInAzure(t *testing.T) {
	storagetest.ServeAzure(t)
	runsIn(t, "az")
}
