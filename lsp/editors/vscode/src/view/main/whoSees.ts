import { mountWhoSees } from '../whoSeesPage';
import { connect } from './host';

connect(mountWhoSees);
