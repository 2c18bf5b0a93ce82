// Dashboard serves a page of charts on a warehouse: see --help, or the README.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"adtoorder/launch/dashboard/query"
	"adtoorder/launch/dashboard/web"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run returns the exit status: 0, 1 where serving failed, 2 for a flag that can't
// be used.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	flags := flag.NewFlagSet("dashboard", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	warehouse := flags.String("warehouse", "sqlite:out/warehouse.db", "what to show: `sqlite:FILE` or bigquery://PROJECT/DATASET, which is only read, also while the engine writes")
	listen := flags.String("listen", "localhost:8080", "`address` to serve the page at; port 0 for a free one")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		help(out, flags)
		return 0
	case err != nil:
		return fail(errs, 2, errors.New(strings.ReplaceAll(err.Error(), ": -", ": --")+"; see --help"))
	case flags.NArg() > 0:
		return fail(errs, 2, fmt.Errorf("%q is no flag; want flags alone, see --help", flags.Arg(0)))
	}
	w, err := query.Open(*warehouse)
	if err != nil {
		return fail(errs, 2, err)
	}
	l, err := net.Listen("tcp", *listen)
	if err != nil {
		return fail(errs, 2, fmt.Errorf("--listen=%s: %w; want a free HOST:PORT, or localhost:0 for any", *listen, err))
	}
	fmt.Fprintf(out, "The dashboard of %s is at http://%s\n", *warehouse, address(*listen, l))
	if err := web.New(ctx, *warehouse, w).Serve(ctx, l); err != nil {
		return fail(errs, 1, err)
	}
	return 0
}

// address is what a browser on this machine reaches a listener by.
func address(listen string, l net.Listener) string {
	host, _, _ := net.SplitHostPort(listen)
	_, port, _ := net.SplitHostPort(l.Addr().String())
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}

func help(out io.Writer, flags *flag.FlagSet) {
	fmt.Fprint(out, `Dashboard serves a page of charts on a warehouse, and follows it as it grows.

  go run ./launch/dashboard --warehouse sqlite:out/warehouse.db

Flags:
`)
	flags.VisitAll(func(f *flag.Flag) {
		value, usage := flag.UnquoteUsage(f)
		fmt.Fprintf(out, "  --%s %s\n      %s (default %s)\n", f.Name, value, usage, f.DefValue)
	})
}

func fail(errs io.Writer, status int, err error) int {
	fmt.Fprintln(errs, "dashboard: "+strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", " "))
	return status
}
