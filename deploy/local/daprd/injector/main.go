// Command injector adds Dapr's sidecar to pods as Dapr's own sidecar injector does, with its code, but without Dapr's control plane:
// the API server asks it before it accepts a pod. At the path /drop it is an injector that was installed with
// dapr_sidecar_injector.sidecarDropALLCapabilities=true, elsewhere one with Dapr's defaults.
//
// Usage: injector ADDRESS CERTIFICATE KEY
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"os"

	"github.com/dapr/dapr/pkg/injector/consts"
	"github.com/dapr/dapr/pkg/injector/patcher"
	admission "k8s.io/api/admission/v1"
	core "k8s.io/api/core/v1"
)

const (
	controlPlane = "dapr-system"
	domain       = "cluster.local"
	image        = "docker.io/daprio/daprd:1.18.2"
)

func main() {
	http.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {})
	http.HandleFunc("POST /", answer)
	log.Fatal(http.ListenAndServeTLS(os.Args[1], os.Args[2], os.Args[3], nil))
}

func answer(response http.ResponseWriter, request *http.Request) {
	var review admission.AdmissionReview
	if err := json.NewDecoder(request.Body).Decode(&review); err != nil {
		http.Error(response, err.Error(), http.StatusBadRequest)
		return
	}
	patch, err := inject(review.Request, request.URL.Path == "/drop")
	if err != nil {
		http.Error(response, err.Error(), http.StatusInternalServerError)
		return
	}
	kind := admission.PatchTypeJSONPatch
	review.Response = &admission.AdmissionResponse{UID: review.Request.UID, Allowed: true}
	if patch != nil {
		review.Response.Patch, review.Response.PatchType = patch, &kind
	}
	response.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(response).Encode(review)
}

// inject returns what has to change in a pod; nil where it wants no sidecar.
func inject(asked *admission.AdmissionRequest, drop bool) ([]byte, error) {
	var pod core.Pod
	if err := json.Unmarshal(asked.Object.Raw, &pod); err != nil {
		return nil, err
	}
	sidecar := patcher.NewSidecarConfig(&pod)
	sidecar.Mode = consts.ModeKubernetes
	sidecar.Namespace = asked.Namespace
	sidecar.MTLSEnabled = true
	sidecar.Identity = asked.Namespace + ":" + pod.Spec.ServiceAccountName
	sidecar.ImagePullPolicy = core.PullIfNotPresent
	sidecar.OperatorAddress = patcher.ServiceAPI.Address(controlPlane, domain)
	sidecar.SentryAddress = patcher.ServiceSentry.Address(controlPlane, domain)
	sidecar.PlacementAddress = patcher.ServicePlacement.Address(controlPlane, domain)
	sidecar.RunAsNonRoot = true
	sidecar.ReadOnlyRootFilesystem = true
	sidecar.SidecarDropALLCapabilities = drop
	sidecar.ControlPlaneNamespace = controlPlane
	sidecar.ControlPlaneTrustDomain = domain
	sidecar.SentrySPIFFEID = "spiffe://" + domain + "/ns/" + controlPlane + "/dapr-sentry"
	sidecar.KubeClusterDomain = domain
	sidecar.SchedulerEnabled = true
	sidecar.SidecarImage = image
	sidecar.SetFromPodAnnotations()
	operations, err := sidecar.GetPatch()
	if err != nil || len(operations) == 0 {
		return nil, err
	}
	return json.Marshal(operations)
}
