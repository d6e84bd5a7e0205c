package calendar

// The rows as they stand in the files. Dates are text here, and sources are
// referred to by their ID.

type sourceRow struct {
	ID      string `yaml:"id"`
	URL     string `yaml:"url"`
	Says    string `yaml:"says"`
	Checked string `yaml:"checked"`
}

type factRow struct {
	ID         string            `yaml:"id"`
	Sources    []string          `yaml:"sources"`
	Confidence Confidence        `yaml:"confidence"`
	Notes      string            `yaml:"notes"`
	Withheld   map[string]string `yaml:"withheld"`
}

type processRow struct {
	Fact        factRow      `yaml:",inline"`
	Name        string       `yaml:"name"`
	Short       string       `yaml:"short"`
	Aliases     []string     `yaml:"aliases"`
	Body        string       `yaml:"body"`
	Kind        string       `yaml:"kind"`
	Members     string       `yaml:"members"`
	Resolutions []string     `yaml:"resolutions"`
	Start       string       `yaml:"start"`
	End         string       `yaml:"end"`
	Chairs      []chairRow   `yaml:"chairs"`
	Secretariat string       `yaml:"secretariat"`
	Outcomes    []outcomeRow `yaml:"outcomes"`
	Predecessor string       `yaml:"predecessor"`
	Successor   string       `yaml:"successor"`
	Status      string       `yaml:"status"`
}

type chairRow struct {
	Name  string `yaml:"name"`
	State string `yaml:"state"`
	Note  string `yaml:"note"`
	From  string `yaml:"from"`
	Until string `yaml:"until"`
}

type outcomeRow struct {
	Symbol    string `yaml:"symbol"`
	Adopted   string `yaml:"adopted"`
	Consensus bool   `yaml:"consensus"`
	Note      string `yaml:"note"`
}

type sessionRow struct {
	Fact       factRow `yaml:",inline"`
	Process    string  `yaml:"process"`
	Title      string  `yaml:"title"`
	Kind       string  `yaml:"kind"`
	Ordinal    int     `yaml:"ordinal"`
	Start      string  `yaml:"start"`
	End        string  `yaml:"end"`
	City       string  `yaml:"city"`
	Venue      string  `yaml:"venue"`
	Format     string  `yaml:"format"`
	Status     Status  `yaml:"status"`
	Chair      string  `yaml:"chair"`
	Outcome    string  `yaml:"outcome"`
	Announced  string  `yaml:"announced"`
	PageURL    string  `yaml:"page_url"`
	WebcastURL string  `yaml:"webcast_url"`
}

type milestoneRow struct {
	Fact    factRow `yaml:",inline"`
	Date    string  `yaml:"date"`
	Title   string  `yaml:"title"`
	Kind    string  `yaml:"kind"`
	Process string  `yaml:"process"`
	Symbol  string  `yaml:"symbol"`
}

type termRow struct {
	Fact       factRow  `yaml:",inline"`
	Term       string   `yaml:"term"`
	Expansion  string   `yaml:"expansion"`
	Aliases    []string `yaml:"aliases"`
	Definition string   `yaml:"definition"`
	See        string   `yaml:"see"`
}
