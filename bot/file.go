package bot

import (
	"fmt"
	"strings"
)

// File is a file that belongs to a reply, such as a calendar file. A platform that
// cannot attach files shows what is in it, where that is text.
type File struct {
	// Name is what it is saved as: "global-mechanism.ics".
	Name string
	// Type is its media type: "text/calendar; charset=utf-8".
	Type string
	// Data is what is in it.
	Data []byte
}

func (File) isBlock() {}

// Line says what the file is, for platforms that neither attach nor show it.
func (f File) Line() string {
	if f.Name == "" {
		return ""
	}
	return fmt.Sprintf("File %s (%s, %s)", f.Name, f.Type, Count(len(f.Data), "byte"))
}

// String says what the file is and shows it, where it is text.
func (f File) String() string {
	line := f.Line()
	if line == "" {
		return ""
	}
	if !strings.HasPrefix(f.Type, "text/") {
		return line
	}
	return line + "\n" + strings.TrimRight(strings.ReplaceAll(string(f.Data), "\r\n", "\n"), "\n")
}

// Files returns the files of the reply in their order.
func (r Reply) Files() []File { return only[File](r) }
