package warehouse

// UpsertFn is Upsert's DoFn.
type UpsertFn[T any] = upsertFn[T]

// Batch is how many rows are written at once at most.
const Batch = batch
