// Package calendar knows the processes on international information security
// at the United Nations, their sessions and deadlines, the milestones behind
// them and the words they use; and it knows what people mean by "the OEWG".
//
// The facts are YAML files in the folder facts, compiled into the program.
// They follow four rules.
//
//   - Every row names its sources, and every source its address and the day on
//     which it was checked, so that a reply can show where a fact comes from and
//     how old the reading is ([Fact.Checked], [Stale]).
//   - A date is as exact as a source makes it: a day, a month, a year or nothing.
//     [Date] keeps that precision, so nobody can show a day that was never read.
//   - What no source confirms is not in a field at all. Withheld says of which
//     field and why, never what: there is nothing to leak by careless printing.
//   - What is not known to have happened says so: a day that has passed without
//     a report found is [PresumedHeld], not [Held].
//
// A [Calendar] is read once and never changes, so any number of goroutines may
// use it; what it hands out are copies. It has no clock: whoever asks says as of
// when, and a question about November 2021 is answered as of November 2021. The
// civil day of a time is the one in that time's own zone.
//
// Load reports every mistake in the files at once, for the person who edits
// them by hand should not have to find them one by one.
package calendar
