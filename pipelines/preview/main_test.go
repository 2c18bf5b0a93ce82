package preview

import (
	"testing"

	"adtoorder/io/testenv"
)

func TestMain(m *testing.M) { testenv.Main(m) }
