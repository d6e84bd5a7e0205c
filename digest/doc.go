// Package digest writes each edition of a digest and delivers it once.
//
// A room subscribes with a phrase such as "digest weekly mon 08:00
// Europe/Zurich" ([ParsePhrase], [Verbs]). The [Courier] turns the subscription
// into deliveries and the deliveries into posts.
//
// An edition is named by its slot: the reading of the clocks in the
// subscription's zone at which it is due, "2026-11-30T08:00". The slot and not
// the instant is the name, because people ordered a reading of the clock: when
// the rules of a zone change, or an hour is shown twice, it stays one edition.
// Hence [Schedule] reads cron expressions with robfig/cron's parser and computes
// by itself what clocks show. That library's own calculation loses 09:00 in Lord
// Howe twice a year and midnight in Cairo once, fires twice when clocks go back,
// panics on "TZ=" and never returns where a zone has skipped a day.
//
// A digest may also come before sessions ("digest sessions T-7,T-1 09:00 UTC"):
// such a schedule asks the calendar for its days again every hour, and follows
// them. Quiet hours are part of a schedule: what falls due in them is due when
// they end.
//
// Nobody leads. Every replica looks for what is due; the ledger lets one of them
// write down an occurrence and one of them claim a delivery. A claim is an
// intent that is committed before the post, and its number is a fencing token:
// whoever slept longer than the lease asks the ledger before it posts, finds the
// next claim there, and neither posts nor settles. Where a post ends without a
// word, because the process died or the network did, the lease runs out and the
// next claim posts with the same key as doubtful, and the platform looks before it
// speaks. What nobody can know any more is given up and not repeated. A process
// that falls asleep between that question and the first byte of its post is the
// one case that is left.
//
// Each platform is a lane of its own, with so many editions at once and so many a
// second, so that answers find room between editions and one platform that hangs
// holds up no other.
//
// After downtime the newest occurrence goes out late, within its grace; every
// other is written down as missed, with the reason.
package digest
