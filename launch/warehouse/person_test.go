package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestHolds(t *testing.T) {
	for name, test := range map[string]struct {
		payload string
		want    bool
	}{
		"a value":                    {`{"UserId":"U17"}`, true},
		"escaped":                    {`{"UserId":"\u005517"}`, true},
		"at any depth":               {`{"user":[{"id":"U17"}]}`, true},
		"the first of two":           {`{"UserId":"U17","UserId":"U18"}`, true},
		"a name":                     {`{"U17":{"clicks":1}}`, true},
		"in JSON within a text":      {`{"event":"{\"UserId\":\"U17\"}"}`, true},
		"in an array within a text":  {`{"event":" [\"U17\"]"}`, true},
		"part of a value":            {`{"UserId":"U171","note":"U17 called"}`, false},
		"another case":               {`{"UserId":"u17"}`, false},
		"other text":                 {`U17 clicked`, true},
		"the end of other text":      {`clicked by U17`, true},
		"a later word":               {`U171,xU17,U17`, true},
		"within words of other text": {`U171,xU17,éU17`, false},
		"broken JSON":                {`{"UserId":"U17","Event":P1`, true},
		"broken JSON of another":     {`{"UserId":"U171","Event":P1`, false},
		"cut JSON":                   {`{"UserId":"U17","Event":"P`, true},
		"no text":                    {"\xff\xfeU17\x00", true},
		"nothing":                    {"", false},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, holds([]byte(test.payload), "U17"))
		})
	}
	assert.True(t, holds([]byte(`{"UserId":17}`), "17"))
	assert.True(t, holds([]byte(`{"UserId":9007199254740993}`), "9007199254740993"))
	assert.False(t, holds([]byte(`{"Timestamp":"2026-11-17T00:00:00Z"}`), "17"))
	assert.False(t, hasWord([]byte("111"), []byte("11")))
}
