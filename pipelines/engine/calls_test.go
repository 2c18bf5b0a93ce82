package engine

import (
	"fmt"
	"strings"
	"testing"

	"adtoorder/io/dofn"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A call by reflection takes 40 times as long: for a row or key that is too long.
func TestRowsAndKeysAreNotProcessedByReflection(t *testing.T) {
	for name, o := range map[string]Options{
		"files": optionsOn(t, finished, finished),
		"live":  optionsOn(t, []string{aTopic, aStream, aFolder}, []string{"kafka://broker:9092/orders"}),
	} {
		t.Run(name, func(t *testing.T) {
			p, s := beam.NewPipelineWithRoot()
			Build(s, o)
			edges, _, err := p.Build()
			require.NoError(t, err)
			direct, batchwise := 0, 0
			for _, edge := range edges {
				switch {
				case edge.DoFn == nil || strings.HasPrefix(edge.DoFn.Name(), "github.com/apache/beam/"):
				case edge.DoFn.Recv != nil && dofn.IsBatchwise(edge.DoFn.Recv):
					batchwise++
				default:
					direct++
					assert.NotEqual(t, "*reflectx.reflectFunc", fmt.Sprintf("%T", edge.DoFn.ProcessElementFn().Fn),
						"%s is called by reflection: register it by dofn.Each…, or by dofn.Batchwise if its "+
							"calls are few", edge.DoFn.Name())
				}
			}
			assert.Greater(t, direct, 10)
			assert.Greater(t, batchwise, 5)
		})
	}
}
