// Package handlers answers what people ask: one file a verb.
//
// A handler looks into the record (package search) and the calendar and returns
// a reply. Where both answer, the record's own words lead and the calendar's
// fact follows with its source. Where neither does, the reply is a refusal that
// says what was searched and carries no quotation and no fact. Every answer
// counts from the time the message was sent, so that "next" and "as of" mean
// the same on every replica and after every restart.
package handlers
