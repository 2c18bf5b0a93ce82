package kafkaio

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

func TestDbg(t *testing.T) {
	c, s := inProcess(t, 1)
	opts, _ := s.options()
	_ = opts
	r := open(t, s)
	if os.Getenv("LOG") != "" {
		o, _ := s.options()
		k, _ := kgo.NewClient(append(o, kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords(), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.WithLogger(kgo.BasicLogger(os.Stderr, kgo.LogLevelInfo, func() string { return time.Now().Format("05.000 ") })))...)
		r.client.kafka = k
	}
	for i := range 5 {
		produce(t, s, messages(0, strconv.Itoa(i))...)
		c.MoveTopicPartition("t", 0, int32(i)%2)
		for range 60 {
			if err := r.round(); err != nil {
				fmt.Println("ERR", err)
			}
			time.Sleep(10 * time.Millisecond)
		}
		fmt.Println(i, r.values("0"), r.positions)
	}
}
