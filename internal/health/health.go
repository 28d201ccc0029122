// Package health answers `bindeled health`: exit code 0 when the server on this machine
// answers. That a push service refuses its keys is said, and is no reason to start it anew. It runs before PocketBase boots, which would want a data folder of its own.
package health

import (
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

// Command takes the arguments after the program's name. handled is false when they ask
// for something else.
func Command(args []string) (handled bool, code int) {
	if len(args) == 0 || args[0] != "health" {
		return false, 0
	}
	if err := run(args[1:], os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "health:", err)
		return true, 1
	}
	return true, 0
}

func run(args []string, said io.Writer) error {
	flags := flag.NewFlagSet("health", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	addr := flags.String("http", "127.0.0.1:8090", "the address that serve listens on")
	if err := flags.Parse(args); err != nil {
		return err
	}
	_, port, err := net.SplitHostPort(*addr)
	if err != nil {
		return err
	}
	// serve may listen on every address; this machine is always one of them.
	here := "http://" + net.JoinHostPort("127.0.0.1", port)
	if _, err := ask(here + "/api/health"); err != nil {
		return err
	}
	if body, err := ask(here + "/api/notify/health"); err == nil && strings.Contains(body, `"stopped"`) {
		fmt.Fprintln(said, "health: pushes are stopped: a push service refuses the VAPID keys; see the log")
	}
	return nil
}

func ask(url string) (body string, err error) {
	client := http.Client{Timeout: 3 * time.Second}
	res, err := client.Get(url)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return "", fmt.Errorf("the server answered %s", res.Status)
	}
	raw, err := io.ReadAll(io.LimitReader(res.Body, 1<<10))
	return string(raw), err
}
