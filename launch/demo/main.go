// Demo shows the product in one command: three generated evenings, live traffic
// into a watched folder, the engine on Prism, and the dashboard. Ctrl-C ends all
// of it.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
)

func main() {
	flags := flag.NewFlagSet("demo", flag.ExitOnError)
	dir := flags.String("dir", "out/demo", "`folder` of everything that the demo writes; made anew")
	listen := flags.String("listen", "localhost:8080", "`address` of the page")
	rate := flags.Int("rate", 20, "live clicks a `second`")
	flags.Parse(os.Args[1:])
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	d := demo{dir: *dir, listen: *listen, rate: *rate}
	if err := d.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "demo: "+strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", " "))
		os.Exit(1)
	}
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
		return fmt.Errorf("--listen=%s: %w; end what listens there, another demo perhaps, or give another address", d.listen, err)
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
