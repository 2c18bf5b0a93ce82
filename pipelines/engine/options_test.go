package engine

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseNamesTheFlagTheValueAndWhatIsAllowed(t *testing.T) {
	dir := t.TempDir()
	empty := t.TempDir()
	file := dir + "/file"
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	valid := Sample
	valid.Clicks, valid.Orders, valid.Lake, valid.Warehouse = []string{file}, []string{file}, dir+"/lake", "none"
	for _, c := range []struct {
		name string
		edit func(*Flags)
		want string
	}{
		{"no such file", func(f *Flags) {
			f.Clicks = []string{dir + "/none*"}
		}, "--clicks=" + dir + "/none*: no file matches"},
		{"an empty folder", func(f *Flags) {
			f.Orders = []string{empty}
		}, "--orders=" + empty + ": no file matches " + empty + "/*; give a file"},
		{"a password", func(f *Flags) { f.Orders = []string{"https://me:pa55@h/x?sig=5ecret"} },
			"--orders=https://…@h/x?…: https://h: must hold no password; download the file, and give that"},
		{"nothing", func(f *Flags) { f.Orders = []string{""} }, "--orders=: no file is named"},
		{"unknown scheme", func(f *Flags) { f.Orders = []string{"ftp://x/y"} }, "--orders=ftp://x/y: "},
		{"window not a duration", func(f *Flags) { f.Window = "1" }, "--window=1: must be whole seconds"},
		{"window too short", func(f *Flags) { f.Window = "0s" }, "--window=0s: must be whole seconds"},
		{"window not in seconds", func(f *Flags) { f.Window = "1500ms" }, "--window=1500ms: must be whole seconds"},
		{"negative lateness", func(f *Flags) {
			f.AllowedLateness = "-1s"
		}, "--allowed_lateness=-1s: must be 0s or more"},
		{"format", func(f *Flags) { f.LakeFormat = "csv" }, "--lake_format=csv: must be one of parquet, jsonl"},
		{"payloads", func(f *Flags) { f.RejectPayloads = "some" },
			"--reject_payloads=some: must be full, hashed or none"},
		{"runner", func(f *Flags) { f.Runner = "spark" }, "--runner=spark: must be one of prism, direct"},
		{"a file of this machine, for workers elsewhere", func(f *Flags) {
			f.Elsewhere = true
		}, "--clicks=" + file + ": is on this machine, and workers run elsewhere"},
		{"a folder to watch, for workers elsewhere", func(f *Flags) {
			f.Elsewhere, f.Clicks, f.Orders = true, []string{"gs://b/x"}, []string{"s3://b/x", "watch:" + dir + "/*"}
		}, "--orders=watch:" + dir + "/*: is on this machine"},
		{"a database of this machine, for workers elsewhere", func(f *Flags) {
			f.Elsewhere, f.Warehouse = true, "sqlite:"+dir+"/w.db"
		}, "--warehouse=sqlite:" + dir + "/w.db: is a file of this machine, and workers run elsewhere"},
		{"a folder of this machine, for workers elsewhere", func(f *Flags) {
			f.Elsewhere, f.Lake = true, "out/lake"
		}, "--lake=out/lake: is relative to this machine's folder, and workers run elsewhere"},
		{"lake is a file", func(f *Flags) {
			f.Lake = file
		}, "--lake=" + file + ": must be a directory, which need not exist yet, but is a file"},
		{"lake is a pattern", func(f *Flags) { f.Lake = "a*b" }, "--lake=a*b: must be a directory"},
		{"lake in no bucket", func(f *Flags) {
			f.Lake = "gs://"
		}, "--lake=gs://: must be gs://BUCKET/FOLDER, s3://BUCKET/FOLDER or az://CONTAINER/FOLDER"},
		{"lake with one slash", func(f *Flags) {
			f.Lake = "gs:/b/lake"
		}, "--lake=gs:/b/lake: must be gs://BUCKET/FOLDER"},
		{"lake without a bucket's name", func(f *Flags) {
			f.Lake = "s3:///lake"
		}, "--lake=s3:///lake: must be gs://BUCKET/FOLDER"},
		{"lake elsewhere", func(f *Flags) {
			f.Lake = "hdfs://h/lake"
		}, "--lake=hdfs://h/lake: must be gs://BUCKET/FOLDER"},
		{"lake with a fragment", func(f *Flags) {
			f.Lake = "gs://b/a#b"
		}, "--lake=gs://b/a#b: must be gs://BUCKET/FOLDER"},
		{"lake with an escape", func(f *Flags) { f.Lake = "s3://b/a%20b" }, "without spaces or any of #%?"},
		{"lake with a query", func(f *Flags) { f.Lake = "s3://b/a?b" }, "without spaces or any of #%?"},
		{"lake with a space", func(f *Flags) { f.Lake = "gs://b/a b" }, "without spaces or any of #%?"},
		{"no lake", func(f *Flags) { f.Lake = "" }, "--lake=: must be a directory"},
		{"warehouse kind", func(f *Flags) {
			f.Warehouse = "postgres:x"
		}, "--warehouse=postgres:x: must be sqlite:FILE or bigquery://PROJECT/DATASET, or none"},
		{"warehouse path", func(f *Flags) {
			f.Warehouse = "sqlite:"
		}, "--warehouse=sqlite:: must be sqlite:FILE or bigquery://PROJECT/DATASET, or none"},
		{"warehouse is a directory", func(f *Flags) {
			f.Warehouse = "sqlite:" + dir
		}, "--warehouse=sqlite:" + dir + ": is a directory"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := valid
			c.edit(&f)
			_, err := Parse(t.Context(), f)
			if assert.ErrorAs(t, err, new(*FlagError)) {
				assert.Contains(t, err.Error(), c.want)
				assert.NotContains(t, err.Error(), "\n")
			}
		})
	}
	assert.NoDirExists(t, valid.Lake)
}

func TestLakesThatCanBe(t *testing.T) {
	for value, want := range map[string]string{"gs://b": "gs://b", "s3://my.bucket_1/lake/": "s3://my.bucket_1/lake",
		"./gs:": "./gs:", "/a b/c#d%": "/a b/c#d%"} {
		t.Run(value, func(t *testing.T) {
			lake, err := parseLake(Flags{Lake: value, LakeFormat: "jsonl"})
			require.NoError(t, err)
			assert.Equal(t, want, lake.Dir)
		})
	}
}

func TestParseReadsWhatIsThere(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a", "b"} {
		require.NoError(t, os.WriteFile(dir+"/"+name, []byte(name), 0o644))
	}
	f := Sample
	f.Clicks, f.Orders = []string{dir + "/*", dir + "/a"}, []string{dir + "/b"}
	f.Lake, f.Window = "x/lake/", "90s"
	o, err := Parse(t.Context(), f)
	require.NoError(t, err)
	assert.Len(t, o.Clicks.Files, 2, "a file that two patterns name is read once")
	assert.Equal(t, "x/lake", o.Lake.Dir)
	assert.Equal(t, 90*time.Second, o.Window)
	assert.Equal(t, 10*time.Minute, o.AllowedLateness)
	assert.Zero(t, o.Windows().AllowedLateness, "finished files")
	assert.Equal(t, "sqlite:out/warehouse.db", o.Warehouse.String())
	f.Warehouse = "none"
	o, err = Parse(t.Context(), f)
	require.NoError(t, err)
	assert.Nil(t, o.Warehouse)
	assert.Equal(t, 1, o.Readers)
	f.Readers = 4
	o, err = Parse(t.Context(), f)
	require.NoError(t, err)
	assert.Equal(t, 4, o.Readers)
	o.Lake.Dir, f.Clicks, f.Orders = "gs://bucket/lake", []string{"kafka://h:1/clicks"}, []string{"watch:s3://bucket/*"}
	assert.NoError(t, o.reachable(f), "workers elsewhere reach these")
}
