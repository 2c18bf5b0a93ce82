// Demo shows the product in one command: three generated evenings, live traffic
// into a watched folder, the engine on Prism, and the dashboard. Ctrl-C ends all
// of it.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"path/filepath"

	"adtoorder/pipelines/command"
)

func main() { command.Main(run) }

func run(ctx context.Context, args []string, out, errs io.Writer) int {
	var d demo
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.StringVar(&d.dir, "dir", "out/demo", "`folder` of everything that the demo writes; made anew")
	flags.StringVar(&d.listen, "listen", "localhost:8080", "`address` of the page")
	flags.IntVar(&d.rate, "rate", 20, "live clicks a `second`")
	return command.Program{
		Name: "demo",
		About: `
Demo shows the product: three generated evenings, live traffic into a watched
folder, the engine on Prism, and the dashboard. Ctrl-C ends all of it.`,
		Examples: []string{"go run ./launch/demo"},
		Flags:    flags,
		Groups:   []command.Group{{Title: "Flags", Flags: []string{"listen", "rate", "dir"}}},
		Run:      func(ctx context.Context, _ command.Call) error { return d.run(ctx) },
	}.Execute(ctx, args, out, errs)
}

// demo is what is to be shown, and where.
type demo struct {
	dir, listen string
	rate        int
}

func (d demo) path(name string) string { return filepath.Join(d.dir, name) }

// run makes the demo, and returns when it was ended or a part of it has failed.
func (d demo) run(ctx context.Context) error {
	if l, err := net.Listen("tcp", d.listen); err != nil {
		return command.Refuse("listen", d.listen,
			err.Error()+"; end what listens there, another demo perhaps, or give "+
				"another address")
	} else if err := l.Close(); err != nil {
		return err
	}
	if err := d.clear(); err != nil {
		return err
	}
	fmt.Println("Building the engine, the generator and the dashboard (the first time, one to three minutes)")
	if err := d.build(ctx); err != nil {
		return err
	}
	if err := d.history(ctx); err != nil {
		return err
	}
	all, err := d.start()
	if err == nil {
		fmt.Println("Three evenings are loading, and live clicks and orders are coming. Ctrl-C ends the demo.")
		select {
		case <-ctx.Done():
			fmt.Println("\nEnding the demo")
		case err = <-all.failed:
		}
	}
	return all.stop(err)
}
