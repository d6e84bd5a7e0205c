// Package corpus is the record: what was said, by whom, when, in which
// document. It loads documents and keeps every byte of them.
//
// Trust rests on one construction. A [Document] holds its text as it came; a
// [Passage] is a numbered paragraph, a slice of those very bytes; and a
// [Quotation], whose fields nobody outside can set, is made only by
// [Passage.Quote], from a byte range of a passage. So no handler, template or
// model can utter a quotation that is not a verbatim span of the record: there
// is no way to write one down.
//
// The number of a paragraph is the one that the text itself gives it, where it
// does, else its place among the paragraphs. A million passages may come as JSON
// Lines; those that name no document are filed by title, so that what is known
// is kept once and not a million times.
//
// What is known about a text (speaker, body, date, record kind) is kept apart
// from it, in a header, and says where it comes from: a date that the text
// does not carry is labelled as metadata.
package corpus
