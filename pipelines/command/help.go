package command

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"strings"
)

// width is how many columns a line of help about a flag has at most, unless a word
// is longer.
const width = 96

// help prints what the program does: examples first, then the flags by groups.
func (p Program) help(out io.Writer) {
	fmt.Fprintf(out, "%s\n\n", strings.TrimSpace(p.About))
	for _, e := range p.Examples {
		fmt.Fprintf(out, "  %s\n", e)
	}
	if len(p.Commands) > 0 {
		fmt.Fprint(out, "\nCommands:\n")
	}
	for _, c := range p.Commands {
		fmt.Fprintf(out, "  %s\n%s\n", strings.TrimSpace(c.Name+" "+c.Args), wrapped(c.About))
	}
	shown := map[string]bool{}
	for _, g := range p.Groups {
		g.print(out, p.Flags, shown)
	}
	if p.Flags != nil {
		others(cmp.Or(p.Rest, "Flags"), p.Flags, shown).print(out, p.Flags, shown)
	}
	for _, c := range p.Commands {
		if c.Flags != nil {
			others("Flags of "+c.Name, c.Flags, shown).print(out, c.Flags, shown)
		}
	}
	fmt.Fprintln(out, "\n--help prints this, --version what was built.")
	if p.Notes != "" {
		fmt.Fprintf(out, "\n%s\n", strings.TrimSpace(p.Notes))
	}
}

// others are the flags that were not shown yet.
func others(title string, flags *flag.FlagSet, shown map[string]bool) Group {
	g := Group{Title: title}
	flags.VisitAll(func(f *flag.Flag) {
		if !shown[f.Name] {
			g.Flags = append(g.Flags, f.Name)
		}
	})
	return g
}

// print explains the flags of a group, with their defaults.
func (g Group) print(out io.Writer, flags *flag.FlagSet, shown map[string]bool) {
	if len(g.Flags) > 0 {
		fmt.Fprintf(out, "\n%s:\n", g.Title)
	}
	for _, name := range g.Flags {
		f := flags.Lookup(name)
		shown[name] = true
		value, usage := flag.UnquoteUsage(f)
		switch f.DefValue {
		case "", "false", "0":
		default:
			usage += " (default " + f.DefValue + ")"
		}
		fmt.Fprintf(out, "  --%s\n%s\n", strings.TrimSpace(name+" "+value), wrapped(usage))
	}
}

// wrapped is a text in lines of its own, below what it is about.
func wrapped(text string) string {
	const indent = "      "
	lines := []string{}
	line := indent
	for _, word := range strings.Fields(text) {
		if line != indent && len(line)+len(word) > width {
			lines, line = append(lines, strings.TrimRight(line, " ")), indent
		}
		line += word + " "
	}
	return strings.Join(append(lines, strings.TrimRight(line, " ")), "\n")
}
