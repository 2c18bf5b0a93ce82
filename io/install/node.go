package install

import (
	"context"
	"os/exec"
)

// Node returns a folder in which Node.js finds a package of a version. Scripts that
// come with packages are not run.
func Node(ctx context.Context, name, version string) (dir string, err error) {
	return Dir(name+"-"+version, func(dir string) error {
		if err := Need("node", "npm"); err != nil {
			return err
		}
		return Run(exec.CommandContext(ctx, "npm", "install", "--prefix", dir, "--ignore-scripts",
			"--no-audit", "--no-fund", name+"@"+version))
	})
}
