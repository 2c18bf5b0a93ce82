package unbounded

import (
	"testing"

	"adtoorder/io/testenv"

	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"
)

func TestMain(m *testing.M) { testenv.Main(m) }
