package pubsubtest

import (
	"context"

	"cloud.google.com/go/iam/apiv1/iampb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Grant has the server tell who asks that these permissions are granted. Before,
// it can't be asked, as Google's own stand-in.
func (s *Server) Grant(permissions ...string) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.granted = permissions
}

// policy tells of permissions.
type policy struct {
	iampb.UnimplementedIAMPolicyServer
	server *Server
}

// TestIamPermissions implements iampb.IAMPolicyServer.
func (p *policy) TestIamPermissions(context.Context,
	*iampb.TestIamPermissionsRequest) (*iampb.TestIamPermissionsResponse, error) {
	p.server.lock.Lock()
	defer p.server.lock.Unlock()
	if p.server.granted == nil {
		return nil, status.Error(codes.Unimplemented, "no policies here")
	}
	return &iampb.TestIamPermissionsResponse{Permissions: p.server.granted}, nil
}
