import { mountArtifacts } from '../artifactsPage';
import { connect } from './host';

connect(mountArtifacts);
