package warehouse

// UpsertFn is Upsert's DoFn.
type UpsertFn[T any] = upsertFn[T]

// Batch and BatchBytes are how many rows, and bytes of payloads, are written at once.
const (
	Batch      = batch
	BatchBytes = batchBytes
)
