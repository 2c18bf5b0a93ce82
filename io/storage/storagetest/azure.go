package storagetest

import (
	"context"
	"fmt"
	"os/exec"
	"testing"

	"adtoorder/io/install"
	"adtoorder/io/testenv"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/service"
)

const azuriteVersion = "3.37.0"

// azurite runs the server in memory on a free port of this machine, and prints the
// port. It ends with its standard input, so that it never outlives the test's process.
const azurite = `
process.argv = ["node", "azurite", "--blobHost", "127.0.0.1", "--blobPort", "0", "--inMemoryPersistence",
	"--skipApiVersionCheck", "--disableTelemetry", "--silent"]
const log = console.log
console.log = text => {
	const port = /listens on .*:([0-9]+)/.exec(text)
	if (port) log(port[1])
}
require("./node_modules/azurite/dist/src/blob/main.js")
process.stdin.on("end", () => process.exit()).resume()`

// The account that every Azurite has, and its key.
const (
	azuriteAccount = "devstoreaccount1"
	azuriteKey     = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)

// ServeAzure runs Azurite, Microsoft's emulator in Node.js, with the container ads until
// the test's end, and has clients find it. It is installed at first, into the user's
// cache directory.
func ServeAzure(t testing.TB) (uri string) {
	t.Helper()
	dir, err := install.Node(t.Context(), "azurite", azuriteVersion)
	if err != nil {
		t.Fatalf("installing Azurite: %v", err)
	}
	server := exec.Command("node", "-e", azurite)
	server.Dir = dir
	connection := fmt.Sprintf("DefaultEndpointsProtocol=http;AccountName=%s;AccountKey=%s;"+
		"BlobEndpoint=http://127.0.0.1:%d/%[1]s;", azuriteAccount, azuriteKey, testenv.StartServer(t, "Azurite",
		server))
	t.Setenv("AZURE_STORAGE_CONNECTION_STRING", connection)
	client, err := service.NewClientFromConnectionString(connection, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.CreateContainer(context.Background(), "ads", nil); err != nil {
		t.Fatal(err)
	}
	return "az://ads"
}
